import { loggable } from '../../sync/loggable';

test('a database error is logged by its statement and code, never with the values, which are customers\' data', () => {
  const error = Object.assign(new Error('duplicate entry'), { code: 'ER_DUP_ENTRY', parameters: ['Acme', 'ap@acme.example'], query: 'INSERT' });
  expect(JSON.stringify(loggable(error))).not.toMatch(/acme/i);
  expect(loggable(error)).toMatchObject({ name: 'Error', message: 'duplicate entry', code: 'ER_DUP_ENTRY' });
  expect(loggable('plain')).toMatchObject({ name: 'string', message: 'plain' });
});
