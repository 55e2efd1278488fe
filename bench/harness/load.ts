/** A process that sends recordPayment over HTTP, round by round, as its parent says. */
import { Agent, request } from 'node:http';
import { clients } from './rounds';

export interface LoadOrder {
  port: number;
  token: string;
  clients: number;
  payments: { customerId: string; legalEntityId: string; reference: string }[];
}

const MUTATION = `mutation($input: RecordPaymentInput!) { recordPayment(input: $input) { __typename ... on Payment { id state unapplied { amount } } ... on Refused { code message } } }`;

function post(agent: Agent, order: Pick<LoadOrder, 'port' | 'token'>, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), authorization: `Bearer ${order.token}` };
    const asked = request({ agent, port: order.port, host: '127.0.0.1', path: '/graphql', method: 'POST', headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part)).on('end', () => resolve(text));
    });
    asked.on('error', reject).end(body);
  });
}

/** Sends all of an order; throws at the first answer that is not a payment. */
export async function send(order: LoadOrder): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: order.clients });
  await clients(order.clients, order.payments.length, async (index) => {
    const payment = order.payments[index]!;
    const input = { ...payment, amount: { amount: '50.00', currency: 'EUR' }, idempotencyKey: `key-${payment.reference}` };
    const answer = await post(agent, order, JSON.stringify({ query: MUTATION, variables: { input } }));
    if (!answer.includes('"__typename":"Payment"')) throw new Error(answer);
  });
  agent.destroy();
}

if (require.main === module) {
  process.on('message', (order: LoadOrder) => {
    send(order).then(() => process.send!('done'), (error: unknown) => process.send!(String(error)));
  });
}
