import { InvalidArgumentError } from '@commander-js/extra-typings';

/** A parser for an option that is a whole number of that range. */
export const wholeNumber =
  (least: number, most: number) =>
  (text: string): number => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= least && value <= most))
      throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
    return value;
  };

/** A parser for a name, of which nothing but spaces is none. */
export function notBlank(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('It may not be empty.');
  return text;
}

/** A TCP port; 0 means any that is free. */
export const port = wholeNumber(0, 65_535);
