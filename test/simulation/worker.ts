/** Runs the seeds it is sent, one after the other, and sends each verdict back. */
import 'reflect-metadata';
import { simulate } from './simulate';
import { Store } from './store';

const opened = Store.open();

process.on('message', (seed: number) => {
  void opened.then((store) => simulate(seed, store)).then(({ trace, ...verdict }) => process.send!({ ...verdict, trace: verdict.violations.length > 0 ? trace : [] }));
});
process.on('disconnect', () => {
  void opened.then((store) => store.close()).then(() => process.exit(0));
});
