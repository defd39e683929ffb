import type { Campaign } from './engine/campaign.js';
import { f1 } from './f1.js';
import { f2 } from './f2.js';
import { f3 } from './f3.js';
import { f4 } from './f4.js';
import { f5 } from './f5.js';
import { f6 } from './f6.js';
import { f7 } from './f7.js';
import { f8 } from './f8.js';
import { f9 } from './f9.js';
import { f10 } from './f10.js';
import { f12 } from './f12.js';
import { f13 } from './f13.js';

/** In the order in which `npm run campaigns` plays them. */
export const CAMPAIGNS: readonly Campaign[] = [f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f12, f13];
