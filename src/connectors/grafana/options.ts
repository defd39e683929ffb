import { z } from 'zod';

const title = z.string().trim().min(1).max(120);
const expression = z.string().trim().min(1).max(4_000);
const datasource = z.string().min(1).max(40).describe("The data source's uid.");

/** What is set up in Grafana for a repository. */
export const options = z.strictObject({
  folder: title.exactOptional().describe("Title of the new folder; the repository's name unless given."),
  dashboard: z.strictObject({
    title,
    tags: z.array(z.string().min(1)).default([]),
    panels: z
      .array(z.strictObject({ title, datasource, expr: expression.describe('PromQL.') }))
      .min(1)
      .max(50),
  }),
  alert: z.strictObject({
    title,
    datasource,
    expr: expression.describe('PromQL; one number.'),
    above: z.number().describe('Fires when the number is above this.'),
    for: z
      .string()
      .regex(/^\d{1,5}[smhd]$/, { error: 'must be a duration such as 5m' })
      .default('5m'),
    no_data_state: z.enum(['NoData', 'Alerting', 'OK']).default('NoData'),
    labels: z.record(z.string(), z.string()).default({}),
    annotations: z.record(z.string(), z.string()).default({}),
  }),
});

export type Options = z.output<typeof options>;
