import { REDACTED, redact } from './redact.js';

/** A form of credential. Every pattern runs in linear time: bounded repeats after a fixed beginning. */
interface CredentialRule {
  /** Stable; named in messages. */
  rule: string;
  pattern: RegExp;
}

/**
 * Forms that a live credential has. Lengths and prefixes are those that the issuers document; a form with a checksum is
 * not verified, since a mistyped token must not travel either.
 */
const RULES: readonly CredentialRule[] = [
  { rule: 'github-token', pattern: /(?<![A-Za-z0-9])gh[pour]_[A-Za-z0-9]{36,255}/g },
  { rule: 'github-app-token', pattern: /(?<![A-Za-z0-9])ghs_[A-Za-z0-9._-]{36,1024}/g },
  { rule: 'github-fine-grained-token', pattern: /(?<![A-Za-z0-9])github_pat_[A-Za-z0-9_]{22,255}/g },
  {
    rule: 'aws-access-key-id',
    pattern: /(?<![A-Za-z0-9])(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])/g,
  },
  { rule: 'private-key', pattern: /-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----/g },
  { rule: 'slack-token', pattern: /(?<![A-Za-z0-9])(?:xox[abeoprs]|xapp)-[A-Za-z0-9-]{10,255}/g },
  { rule: 'slack-webhook', pattern: /hooks\.slack\.com\/(?:services|workflows)\/[A-Za-z0-9/]{20,120}/g },
  { rule: 'npm-token', pattern: /(?<![A-Za-z0-9])npm_[A-Za-z0-9]{36}(?![A-Za-z0-9])/g },
  { rule: 'url-password', pattern: /:\/\/[^\s:/?#@"'<>]{0,128}:[^\s:/?#@"'<>]{3,256}@/g },
];

/** A password that names where the real one comes from: `${PASSWORD}`, `{{ password }}`, `$PASSWORD`, `***`. */
const PLACEHOLDER = /:(?:\$[({]?[A-Za-z_]|\{\{|%[A-Z_]+%|\*+@|x+@)/i;

export interface FoundCredential {
  rule: string;
  /** Where it begins in the text. */
  index: number;
}

/** The credentials that a text holds, in order. Says where, never what. */
export function findCredentials(text: string): FoundCredential[] {
  const found: FoundCredential[] = [];
  for (const { rule, pattern } of RULES)
    for (const match of text.matchAll(pattern)) {
      if (rule === 'url-password' && PLACEHOLDER.test(match[0].slice(3))) continue;
      found.push({ rule, index: match.index });
    }
  return found.toSorted((left, right) => left.index - right.index);
}

/** A text that may quote what a user wrote, without what looks like a credential in it. */
export function hideCredentials(text: string): string {
  let clean = redact(text);
  for (const { pattern } of RULES) clean = clean.replace(pattern, REDACTED);
  return clean;
}
