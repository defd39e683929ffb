import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Frame, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seedDemo } from '../../src/dev/github/index.js';
import { type System, startSystem } from '../support/system.js';
import { poison, reportOf } from '../support/trial.js';
import { type OpenBrowser, openBrowser } from './browser.js';

const STANDARDS = fileURLToPath(new URL('../../examples/acme.yaml', import.meta.url));
const BROKEN = ['billing-web', 'identity-gateway', 'search-worker'];
/** Where the README's pictures go; they are not taken unless it is set. */
const PICTURES = process.env['ORGSAGA_SCREENSHOTS'];

/** What of a browser's page is used here; the tests' own types are Node's. */
declare const document: { body: { innerText: string; scrollWidth: number; clientWidth: number } };
declare const getComputedStyle: (element: Shown) => { backgroundColor: string };
interface Shown {
  parentElement: Shown | null;
}

/** What a frame says, and whether some of it is beyond its right edge. */
const look = (frame: Frame) =>
  frame
    .evaluate(() => {
      const { body } = document;
      return { text: body.innerText, cut: body.scrollWidth > body.clientWidth + 1 };
    })
    // The Web UI puts new frames in the place of old ones.
    .catch(() => ({ text: '', cut: false }));

/** The color behind an element, which may be an ancestor's. */
function background(element: Shown): string {
  const { backgroundColor } = getComputedStyle(element);
  const { parentElement: parent } = element;
  if (backgroundColor !== 'rgba(0, 0, 0, 0)' || parent === null) return backgroundColor;
  return getComputedStyle(parent).backgroundColor;
}

describe('a run that waits for a person, in the Web UI', { timeout: 180_000 }, () => {
  let system: System;
  let browser: OpenBrowser;
  let page: Page;
  let run: string;
  let runUrl: string;
  let workflows: string;

  beforeAll(async () => {
    browser = await openBrowser();
    system = await startSystem({ seed: [seedDemo(60)], ui: true });
    for (const name of BROKEN) poison(system, 'acme', name);
    const file = system.write('acme.yaml', readFileSync(STANDARDS, 'utf8'));
    ({ run } = reportOf(await system.orgsaga(['apply', '-f', file, '--yes', '--json']), 5));
    workflows = `${system.uiUrl}/namespaces/default/workflows`;
    const { runId } = await (await system.client()).workflow.getHandle(run).describe();
    runUrl = `${workflows}/${run}/${runId}`;
    page = await browser.context.newPage();
    page.setDefaultTimeout(30_000);
  });
  afterAll(async () => {
    await browser?.close();
    await system?.stop();
  });

  async function picture(name: string, height: number): Promise<void> {
    if (PICTURES === undefined || PICTURES === '') return;
    mkdirSync(PICTURES, { recursive: true });
    await page.setViewportSize({ width: 1400, height });
    await page.mouse.move(0, 0);
    await page.screenshot({ path: join(PICTURES, name), animations: 'disabled' });
  }

  it('lists the run and its repositories by readable ids, and what failed in red', async () => {
    await page.goto(`${workflows}?query=${encodeURIComponent(`OrgsagaRun="${run}"`)}`);
    const row = (id: string) =>
      page.locator('tr', { has: page.getByRole('link', { name: id, exact: true }) });
    await row(run).getByText('Running').waitFor();
    for (const name of BROKEN) {
      const failed = row(`${run}/acme/${name}`).getByText('Failed');
      await failed.waitFor();
      const color = await failed.evaluate(background);
      const [red = 0, green = 0, blue = 0] = (color.match(/\d+/g) ?? []).map(Number);
      expect(red - Math.max(green, blue)).toBeGreaterThan(40);
    }
    await picture('web-ui-run.png', 900);
  });

  it('finds the run by its search attributes', async () => {
    const query = 'OrgsagaKind="run" AND OrgsagaOrg="acme" AND OrgsagaState="AwaitingOperator"';
    await page.goto(`${workflows}?query=${encodeURIComponent(query)}`);
    await page.getByRole('link', { name: run, exact: true }).waitFor();
    await page.goto(`${runUrl}/search-attributes`);
    const shown = page.locator('.cm-content', { hasText: 'OrgsagaState' });
    await shown.waitFor();
    expect(await shown.textContent()).toMatch(/"OrgsagaState": "AwaitingOperator"/);
  });

  it('shows in the current details where the run stands, its counts and what waits', async () => {
    await page.goto(`${runUrl}/user-metadata`);
    // The Web UI renders Markdown in frames of its own.
    const { text, cut } = await rendered('AwaitingOperator: 3 dead letters wait for a person');
    expect(text).toMatch(/repositories\s+committed\s+deadLettered\s+skipped\s+60\s+56\s+3\s+1\b/);
    for (const name of BROKEN) expect(text).toContain(`acme/${name}`);
    expect(text).toContain('Upgrade to GitHub Team');
    expect(text).toContain(`orgsaga dead-letters retry --run ${run} --all`);
    expect(cut).toBe(false);
    await rendered('Apply standards to acme');
    await picture('web-ui-details.png', 1_100);
  });

  it('shows of a repository that failed why, and that what was done is undone', async () => {
    const id = `${run}/acme/${BROKEN[0]}`;
    const { runId } = await (await system.client()).workflow.getHandle(id).describe();
    await page.goto(`${workflows}/${encodeURIComponent(id)}/${runId}/user-metadata`);
    const { text } = await rendered('undone');
    expect(text).toMatch(/settings\s+undone/);
    await page.goto(`${workflows}/${encodeURIComponent(id)}/${runId}/history`);
    await page.getByText('Upgrade to GitHub Team').first().waitFor();
  });

  /** The frame that shows a text, once there is one. */
  async function rendered(text: string): Promise<{ text: string; cut: boolean }> {
    let found: { text: string; cut: boolean } | undefined;
    await system.until(`the Web UI shows ${text}`, async () => {
      const shown = await Promise.all(page.frames().slice(1).map(look));
      found = shown.find((frame) => frame.text.includes(text));
      return found !== undefined;
    });
    return found ?? { text: '', cut: false };
  }
});
