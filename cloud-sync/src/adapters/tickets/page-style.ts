/** The e-ticket page's style sheet: fonts of the system, no request to anywhere. */
export const pageStyle = `
:root { color-scheme: light dark; --ink: #17181c; --soft: #5b606b; --paper: #fff; --back: #eceef2;
  --line: #d5d9e0; --mark: #a3152f; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #f2f3f5; --soft: #a9aeb9; --paper: #22242a; --back: #131418; --line: #3a3d46;
    --mark: #ff8095; }
}
* { box-sizing: border-box; }
body { margin: 0; padding: 2rem 1rem 3rem; background: var(--back); color: var(--ink);
  font: 16px/1.45 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
header, main, footer { max-width: 46rem; margin: 0 auto; }
header { padding: 0 .25rem; }
h1 { margin: 0; font-size: 1.75rem; letter-spacing: -.01em; }
header p { margin: .25rem 0 1.5rem; color: var(--soft); }
header strong { color: var(--ink); letter-spacing: .06em; }
article { display: grid; grid-template-columns: 1fr 15rem; margin: 0 0 1.25rem; overflow: hidden;
  background: var(--paper); border: 1px solid var(--line); border-radius: 14px;
  break-inside: avoid; }
.facts { padding: 1.5rem 1.75rem; min-width: 0; }
.theatre { margin: 0; color: var(--mark); font-weight: 650; letter-spacing: .02em; }
h2 { margin: .2rem 0 .35rem; font-size: 1.65rem; line-height: 1.15; letter-spacing: -.01em;
  overflow-wrap: anywhere; }
.when { margin: 0 0 1.25rem; font-size: 1.05rem; }
.when strong { font-variant-numeric: tabular-nums; }
dl { display: grid; grid-template-columns: 1fr 1fr; gap: .9rem 1rem;
  margin: 0; }
dt { color: var(--soft); font-size: .8rem; }
dd { margin: 0; font-size: 1.15rem; font-weight: 650; font-variant-numeric: tabular-nums; }
.way { margin: 1.1rem 0 0; color: var(--soft); }
.way:empty { display: none; }
.stub { display: flex; flex-direction: column; align-items: center; justify-content: center;
  gap: .3rem; padding: 1.25rem; text-align: center; border-left: 2px dashed var(--line); }
.stub p { margin: 0; }
.code { width: 100%; max-width: 12.5rem; background: #fff; border-radius: 8px; overflow: hidden; }
.code svg { display: block; width: 100%; height: auto; }
.live { padding: 1rem; border: 1px solid var(--line); border-radius: 8px; font-size: .9rem; }
.admits { margin-top: .35rem !important; font-weight: 650; }
.ref { letter-spacing: .08em; font-variant-numeric: tabular-nums; }
.ref span, .number { color: var(--soft); font-size: .85rem; letter-spacing: 0; }
footer { padding: 0 .25rem; color: var(--soft); font-size: .9rem; }
@media (max-width: 38rem) {
  article { grid-template-columns: 1fr; }
  .stub { border-left: 0; border-top: 2px dashed var(--line); }
  .code { max-width: 16rem; }
}
@media print {
  :root { color-scheme: light; --ink: #000; --soft: #444; --paper: #fff; --back: #fff; --line: #999;
    --mark: #000; }
  @page { margin: 14mm; }
  body { padding: 0; font-size: 11pt; }
  header, main, footer { max-width: none; }
  article { grid-template-columns: 1fr 58mm; border-radius: 0; margin-bottom: 6mm; }
  .stub { border-left: 2px dashed var(--line); border-top: 0; }
  .code { max-width: 46mm; }
}
`;
