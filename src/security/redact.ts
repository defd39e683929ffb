/** What stands in a text where a secret was. */
export const REDACTED = '[redacted]';

/** Shorter values are words: to replace them would make a log unreadable and hide nothing. */
const SHORTEST_SECRET = 6;

/** Exact texts of known secrets, in every form that a line may hold, longest first. */
let known: string[] = [];

/**
 * Makes a secret's value known, so that {@link redact} replaces it wherever it stands: as it is, as in JSON,
 * percent-encoded and in base64. Values below 6 characters are left out.
 */
export function addSecret(value: string): void {
  const secret = value.trim();
  if (secret.length < SHORTEST_SECRET) return;
  const forms = [
    secret,
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(Buffer.from(secret).toString()),
    Buffer.from(secret).toString('base64'),
    Buffer.from(secret).toString('base64url'),
  ];
  known = [...new Set([...known, ...forms])].toSorted((left, right) => right.length - left.length);
}

/** Patterns of credentials and what is left of a match. Each runs in linear time: bounded or without overlap. */
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  // A PEM or OpenPGP private key; one that is cut off, too. `\n` as JSON writes it.
  [
    /-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----(?:(?!-----END )(?:[A-Za-z0-9+/=\s,:;.()@_-]|\\{1,4}[nrt])){0,16384}(?:-----END [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----)?/g,
    REDACTED,
  ],
  // User info of a URL: both parts, as a token may stand in either.
  [/:\/\/[^\s"'\\/?#]{1,1024}@/g, `://${REDACTED}@`],
  // Authorization headers in any notation, with their scheme; JSON's own literals stay, so that a line stays JSON.
  [
    /(authorization(?:\\{0,7}["'])?\]?\s{0,4}[:=]\s{0,4}(?:\[(?=["'\\]))?(?:\\{0,7}["'])?)(?!(?:bearer|token|basic|digest|negotiate)\s{1,4}\[redacted|null\b|true\b|false\b|\d{1,20}[,}\]])(?:(bearer|token|basic|digest|negotiate)(\s{1,4}))?[^\s"'\\,;{}[\]]{1,8192}/gi,
    `$1$2$3${REDACTED}`,
  ],
  // The same as a list of names and values has it.
  [
    /(authorization\\{0,7}["']\s{0,4},\s{0,4}\\{0,7}["'](?:bearer|token|basic|digest|negotiate)\s{1,4})[^\s"'\\,;{}[\]]{1,8192}/gi,
    `$1${REDACTED}`,
  ],
  [/(bearer|basic)(\s{1,4})[A-Za-z0-9._~+/=-]{20,8192}/gi, `$1$2${REDACTED}`],
  // GitHub: ghp_ gho_ ghu_ ghs_ ghr_ (ghs_ also as ghs_<app id>_<JWT>), fine-grained tokens, old installation tokens.
  [/gh[pousr]_[A-Za-z0-9._-]{10,8192}/g, REDACTED],
  [/github_pat_[A-Za-z0-9_]{10,1024}/g, REDACTED],
  [/v1\.[0-9a-f]{40}\b/g, REDACTED],
  // A JSON Web Token, as a GitHub App signs them; also after a line break that JSON wrote.
  [
    /(?:(?<![A-Za-z0-9_-])|(?<=\\[nrt]))eyJ[A-Za-z0-9_-]{8,8192}\.[A-Za-z0-9_-]{8,8192}\.[A-Za-z0-9_-]{0,8192}/g,
    REDACTED,
  ],
];

/** The text without credentials: known secrets and what has the form of one. Takes time linear in the text's length. */
export function redact(text: string): string {
  let clean = text;
  for (const secret of known) clean = clean.replaceAll(secret, REDACTED);
  for (const [pattern, left] of PATTERNS) clean = clean.replace(pattern, left);
  return clean;
}
