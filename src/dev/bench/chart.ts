/** One bar: what it is of, how long, and what to write at its end. */
export interface Bar {
  label: string;
  value: number;
  says: string;
  /** Drawn in the colour of what is to be looked at. */
  best?: boolean;
}

const WIDTH = 800;
const [LABELS, SAYS] = [280, 150];
const [TOP, ROW, BAR] = [58, 30, 18];
/** Readable on white and on black, as a document may be shown. */
const COLOURS = { text: '#6e7781', bar: '#8b949e', best: '#1f883d' };

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** A bar chart as an SVG document. Bars begin at zero, so that their lengths compare as their values do. */
export function barChart(title: string, subtitle: string, bars: readonly Bar[]): string {
  const height = TOP + bars.length * ROW + 12;
  const longest = Math.max(...bars.map(({ value }) => value), Number.MIN_VALUE);
  const rows = bars.map(({ label, value, says, best = false }, index) => {
    const y = TOP + index * ROW;
    const length = Math.max(1, (value / longest) * (WIDTH - LABELS - SAYS));
    const middle = y + BAR / 2 + 4;
    return [
      `  <text x="${LABELS - 10}" y="${middle}" text-anchor="end">${escaped(label)}</text>`,
      `  <rect x="${LABELS}" y="${y}" width="${length.toFixed(1)}" height="${BAR}" rx="2" fill="${best ? COLOURS.best : COLOURS.bar}"/>`,
      `  <text x="${(LABELS + length + 8).toFixed(1)}" y="${middle}">${escaped(says)}</text>`,
    ];
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" font-family="system-ui, sans-serif" font-size="13" fill="${COLOURS.text}">`,
    `  <title>${escaped(title)}</title>`,
    `  <text x="10" y="24" font-size="16" font-weight="600">${escaped(title)}</text>`,
    `  <text x="10" y="42">${escaped(subtitle)}</text>`,
    ...rows.flat(),
    '</svg>',
    '',
  ].join('\n');
}
