/**
 * GitHub's own rules for the names that a standards file holds. Each check answers null where the value is fine, else
 * why not, as the end of a sentence that begins with the value. All run in time linear in the value's length.
 */

// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f]/;

const length = (value: string, most: number): string | null =>
  value.length === 0 ? 'is empty' : value.length > most ? `is longer than ${most} characters` : null;

/** An organisation's login: 1 to 39 letters, digits and single hyphens inside. */
export function checkOrganizationLogin(value: string): string | null {
  const wrong = length(value, 39);
  if (wrong !== null) return wrong;
  if (!/^[A-Za-z0-9-]+$/.test(value)) return 'may hold letters, digits and hyphens only';
  if (value.startsWith('-') || value.endsWith('-')) return 'may not begin or end with a hyphen';
  return value.includes('--') ? 'may not hold two hyphens in a row' : null;
}

/** A person's login: as an organisation's, and for managed users an underscore with the enterprise's short code. */
export function checkLogin(value: string): string | null {
  const wrong = length(value, 39);
  if (wrong !== null) return wrong;
  const managed = /^(.+)_[A-Za-z0-9]+$/.exec(value);
  return checkOrganizationLogin(managed?.[1] ?? value);
}

/** A repository's name: 1 to 100 of `[A-Za-z0-9._-]`, not `.` or `..`, not ending in `.git`. */
export function checkRepositoryName(value: string): string | null {
  const wrong = length(value, 100);
  if (wrong !== null) return wrong;
  if (!/^[A-Za-z0-9._-]+$/.test(value)) return 'may hold letters, digits, ".", "_" and "-" only';
  if (value === '.' || value === '..') return 'is reserved';
  return value.toLowerCase().endsWith('.git') ? 'may not end in ".git"' : null;
}

/** A team's slug, which GitHub derives from its name: lower case letters, digits, `_` and single hyphens inside. */
export function checkTeamSlug(value: string): string | null {
  const wrong = length(value, 255);
  if (wrong !== null) return wrong;
  if (/[A-Z ]/.test(value)) return `is no slug; GitHub's slug of it is "${teamSlug(value)}"`;
  if (!/^[a-z0-9_-]+$/.test(value)) return 'may hold lower case letters, digits, "_" and "-" only';
  return value === teamSlug(value) ? null : 'may not begin or end with a hyphen or hold two in a row';
}

/** The slug that GitHub gives to a team of that name; empty where nothing of the name is left. */
export function teamSlug(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9_]+/g, '-')
    .replace(/^-/, '')
    .replace(/-$/, '');
}

/** A branch's name by `git check-ref-format --branch`, and not a name that GitHub keeps for itself. */
export function checkBranchName(value: string): string | null {
  const wrong = length(value, 255);
  if (wrong !== null) return wrong;
  if (CONTROL.test(value)) return 'may not hold control characters';
  const forbidden = /[ ~^:?*[\\]/.exec(value);
  if (forbidden !== null) return `may not hold "${forbidden[0]}"`;
  if (value.includes('..')) return 'may not hold ".."';
  if (value.includes('@{')) return 'may not hold "@{"';
  if (value === '@' || value === 'HEAD') return 'is reserved';
  if (value.startsWith('-')) return 'may not begin with "-"';
  if (value.endsWith('.')) return 'may not end with "."';
  if (value.startsWith('refs/')) return 'is given without "refs/heads/"';
  if (/^[0-9a-f]{40}$/.test(value)) return 'looks like a commit id, which GitHub refuses as a branch';
  for (const part of value.split('/')) {
    if (part === '') return 'may not begin or end with "/" or hold "//"';
    if (part.startsWith('.')) return 'may not hold a part that begins with "."';
    if (part.endsWith('.lock')) return 'may not hold a part that ends in ".lock"';
  }
  return null;
}

/** Whether a protection's pattern names more than one branch. */
export function isBranchPattern(value: string): boolean {
  return /[*?[]/.test(value);
}

/** The pattern of a branch protection rule: `$default`, a branch's name, or an fnmatch pattern of one. */
export function checkBranchPattern(value: string): string | null {
  if (value === '$default') return null;
  if (!isBranchPattern(value)) return checkBranchName(value);
  const plain = value.replace(/\[[^[\]]+\]/g, 'x').replace(/[*?]/g, 'x');
  return plain.includes('[') ? 'has a "[" that is not closed' : checkBranchName(plain);
}

/** A topic: 1 to 50 lower case letters, digits and hyphens, not beginning with a hyphen. */
export function checkTopic(value: string): string | null {
  const wrong = length(value, 50);
  if (wrong !== null) return wrong;
  if (/[A-Z]/.test(value)) return 'must be in lower case';
  if (!/^[a-z0-9-]+$/.test(value)) return 'may hold lower case letters, digits and hyphens only';
  return value.startsWith('-') ? 'may not begin with a hyphen' : null;
}

/** A label's name: 1 to 50 characters, no white space at its ends, no control characters. */
export function checkLabelName(value: string): string | null {
  if (value === '') return 'is empty';
  if (Array.from(value).length > 50) return 'is longer than 50 characters';
  if (CONTROL.test(value)) return 'may not hold control characters';
  return value.trim() === value ? null : 'may not begin or end with white space';
}

/** A label's colour: six hex digits, no `#`. */
export function checkColor(value: string): string | null {
  if (value.startsWith('#')) return 'is written without "#"';
  return /^[0-9a-fA-F]{6}$/.test(value) ? null : 'must be six hex digits, such as d73a4a';
}

/** What both kinds of path have in common: relative, inside, no part that means something to git or a file system. */
function checkRelativePath(value: string): string | null {
  const wrong = length(value, 4096);
  if (wrong !== null) return wrong;
  if (CONTROL.test(value)) return 'may not hold control characters';
  if (value.includes('\\')) return 'is written with "/", not "\\"';
  if (value.startsWith('/') || /^[A-Za-z]:/.test(value) || value.startsWith('~')) return 'must be relative';
  if (/%(?:2e|2f|5c|00)/i.test(value)) return 'may not hold an encoded ".", "/" or "\\"';
  for (const part of value.split('/')) {
    if (part === '..') return 'may not leave its folder by ".."';
    if (part === '.' || part === '') return 'may not hold empty parts or "."';
    if (part.length > 255) return 'has a part longer than 255 characters';
  }
  return null;
}

/** A file's path in a repository; git refuses `.git` as a part of it, however it is written. */
export function checkPath(value: string): string | null {
  const wrong = checkRelativePath(value);
  if (wrong !== null) return wrong;
  return value.split('/').some((part) => /^(?:\.git|git~1)[. ]*$/i.test(part))
    ? 'may not hold a part ".git"'
    : null;
}

/** A template's path, relative to the standards file and inside its folder. */
export function checkTemplatePath(value: string): string | null {
  return checkRelativePath(value);
}

/** Whether a rule's glob is a plain repository name. */
export function isExactName(glob: string): boolean {
  return !/[*?[\]{}!]/.test(glob);
}

/** Stars that one glob may hold: keeps matching within a few million steps for the longest name. */
const MOST_STARS = 4;

/** A glob on repository names: `*`, `?`, `[...]` and `{a,b}`, else only what a name may hold. */
export function checkGlob(value: string): string | null {
  const wrong = length(value, 200);
  if (wrong !== null) return wrong;
  if (isExactName(value)) return checkRepositoryName(value);
  if (value.startsWith('!')) return 'may not begin with "!"; name what is left out under "exclude"';
  const strange = /[^A-Za-z0-9._*?[\]{},!^-]/.exec(value);
  if (strange !== null) return `holds "${strange[0]}", which no repository's name holds`;
  if (value.split(/\*+/).length - 1 > MOST_STARS) return `holds more than ${MOST_STARS} stars`;
  return checkBrackets(value);
}

function checkBrackets(glob: string): string | null {
  let open: '[' | '{' | null = null;
  let inside = '';
  for (const character of glob) {
    if (open === null && (character === '[' || character === '{')) {
      open = character;
      inside = '';
    } else if (open !== null && (character === '[' || character === '{')) {
      return `has "${character}" inside "${open}"`;
    } else if (character === ']' || character === '}') {
      if (open === null || (open === '[') !== (character === ']'))
        return `has a "${character}" that nothing opens`;
      if (open === '[' && !/^[!^]?[A-Za-z0-9._-]+$/.test(inside))
        return 'has a "[...]" that names no characters';
      if (open === '[' && hasReversedRange(inside)) return 'has a "[...]" whose range runs backwards';
      if (open === '{' && (!inside.includes(',') || inside.includes('..')))
        return 'has a "{...}" that is no list such as {a,b}';
      open = null;
    } else if (open !== null) inside += character;
    else if (character === '!' || character === '^' || character === ',')
      return `may hold "${character}" only in brackets`;
  }
  return open === null ? null : `has a "${open}" that is not closed`;
}

function hasReversedRange(inside: string): boolean {
  return [...inside.matchAll(/([A-Za-z0-9._])-(?=([A-Za-z0-9._]))/g)].some(
    ([, from = '', to = '']) => from > to,
  );
}
