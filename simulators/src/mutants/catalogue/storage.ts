import { inFile, mutant } from '../mutant.ts';

const journal = 'platform/src/node/journal.ts';

/** Bugs of the files: what is durable, what is one step. */
export const storageMutants = [
  mutant(
    'synchronous-normal',
    'Commits are not flushed one by one, and a power cut takes the last ones along.',
    ...inFile(journal, ["pragma('synchronous = FULL')", "pragma('synchronous = NORMAL')"]),
  ),
  mutant(
    'synchronous-off',
    'Nothing is ever flushed.',
    ...inFile(journal, ["pragma('synchronous = FULL')", "pragma('synchronous = OFF')"]),
  ),
  mutant(
    'failed-transaction-is-committed',
    'What a transaction wrote before it failed is kept.',
    ...inFile(journal, [
      "if (this.#database.open && this.#database.inTransaction) this.#execute('ROLLBACK');",
      "if (this.#database.open && this.#database.inTransaction) this.#execute('COMMIT');",
    ]),
  ),
  mutant(
    'transactions-are-none',
    'Each statement of a transaction is committed by itself.',
    ...inFile(journal, [
      "      const result = work();\n      refusePromise(result);\n      this.#execute('COMMIT');",
      "      this.#execute('COMMIT');\n      const result = work();\n      refusePromise(result);",
    ]),
  ),
  mutant(
    'saved-events-have-no-effect',
    'A gate that saved its events from a damaged file does not know whom it admitted.',
    ...inFile('edge-agent/src/app/quarantine-report.ts', [
      '      apply({ eventId, seq, body });\n',
      '      void [apply, seq];\n',
    ]),
  ),
  mutant(
    'nothing-saved-from-a-damaged-file',
    'A damaged file is set aside with the events that nobody else had.',
    ...inFile('edge-agent/src/adapters/journal/salvage.ts', [
      'for (const record of carveIndexRecords(path)) {',
      'for (const record of [...carveIndexRecords(path)].slice(0, 0)) {',
    ]),
  ),
];
