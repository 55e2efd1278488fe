/** Runs the seeds it is sent, one after the other, and sends each verdict back. */
import 'reflect-metadata';
import { openFurnished } from './furniture';
import { simulate } from './simulate';

// every abort makes an error, and nobody reads where
Error.stackTraceLimit = 0;

const opened = openFurnished();

process.on('message', (seed: number) => {
  void opened.then((furnished) => simulate(seed, furnished)).then(({ trace, ...verdict }) => process.send!({ ...verdict, trace: verdict.violations.length > 0 ? trace : [] }));
});
process.on('disconnect', () => {
  void opened.then(({ store }) => store.close()).then(() => process.exit(0));
});
