export {
  countDoubles,
  countReportedDoubles,
  distinctScans,
  greensByRight,
  lostGreens,
  sameGateDoubles,
  unflaggedDoubles,
  unshownAdmissions,
} from './shown.ts';
export { unfinished } from './drained.ts';
export type { QueueState } from './drained.ts';
export type { CloudAdmission, ReportedDouble, ShownVerdict } from './shown.ts';
export { percentile, summarise } from './summary.ts';
export type { Shown, Summary } from './summary.ts';
export { checkAll, laws } from './laws.ts';
export type { Law } from './laws.ts';
export type * from './evidence.ts';
