export { readRepositories } from './by-id.js';
export { readOrganization } from './organization.js';
export { readRepositoryPage } from './page.js';
