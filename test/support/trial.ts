import { expect } from 'vitest';
import { refuseProtection } from '../../src/dev/refuse-protection.js';
import { type Evidence, findings, type Report, readAudit } from './checker.js';
import { type OrganizationDump, wanted } from './organization.js';
import type { Ran } from './program.js';
import type { System } from './system.js';

export interface ApplyReport extends Report {
  run: string;
  reason: string | null;
  requests: { rest: number; graphql: number; mutating: number };
}

/** What the command printed with `--json`; its exit code is checked first, so that a failure shows what it said. */
export function reportOf(ran: Ran, code: number): ApplyReport {
  expect(ran.code, `${ran.stdout}${ran.stderr}`).toBe(code);
  return JSON.parse(ran.stdout) as ApplyReport;
}

/** One organisation's state and the journal from now on, to be judged in the end. */
export class Trial {
  readonly before: OrganizationDump;
  readonly mark: number;

  constructor(
    readonly system: System,
    readonly login: string,
  ) {
    this.before = system.dump(login);
    this.mark = system.mark();
  }

  /** Waits until so many effects have reached the organisation. */
  effects(count: number): Promise<void> {
    return this.system.effects(this.login, this.mark, count);
  }

  /** Everything that the checker finds wrong by now. */
  findings(
    report: Report,
    options: { undisturbed?: boolean; kept?: boolean; wanted?: OrganizationDump } = {},
  ): string[] {
    const { system, login, before } = this;
    const evidence: Evidence = {
      login,
      before,
      after: system.dump(login),
      wanted: options.wanted ?? wanted(before),
      entries: system.since(this.mark),
      report,
      audit: readAudit(system.store, login),
      undisturbed: options.undisturbed ?? false,
      kept: options.kept ?? false,
    };
    return findings(evidence);
  }

  /** Writes that reached GitHub, repeats included. */
  writes(): number {
    return this.system
      .since(this.mark)
      .filter((entry) => entry.type === 'effect' && entry.organization === this.login).length;
  }
}

/**
 * Makes GitHub refuse a repository's branch protection, and gives what mends it. The step is one of several side by side, so others of
 * the repository will have been done.
 */
export const poison = ({ github }: System, login: string, name: string): (() => void) =>
  refuseProtection(github, login, name);

/** Lets GitHub refuse such requests until the faults are cleared. */
export function refuse(system: System, method: string, path: string, status = 422): void {
  system.github.faults.add({ match: { method, path }, kind: 'status', status, body: { message: 'No.' } });
}
