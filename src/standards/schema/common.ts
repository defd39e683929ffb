import { z } from 'zod';

/** A string that a check of security/identifiers judges; the problem names the value and the reason. */
export function named(check: (value: string) => string | null, what: string) {
  return z.string().superRefine((value, context) => {
    const reason = check(value);
    if (reason !== null)
      context.addIssue({ code: 'custom', message: `${what} ${JSON.stringify(value)} ${reason}` });
  });
}

/** The words that say that something must not be there. */
export const absent = z.literal(true).describe('Remove it where it is there.');

/** The discriminator of what is not `absent: true`. */
export const present = z.literal(false).exactOptional();

/** Any JSON value, for what GitHub defines in more detail than is checked here. */
export const json = z.json();

/** One line of text of at most that many characters, as GitHub's profile fields take it; null and '' clear it. */
export const line = (most: number) =>
  z
    .string()
    .max(most)
    .refine((value) => !/[\r\n]/.test(value), { error: 'must be one line' })
    .nullable();
