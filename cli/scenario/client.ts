/** A GraphQL client as a frontend would have one: POST with a token, and an error where there is one. */
export class ApiClient {
  constructor(
    readonly url: string,
    private readonly token: string,
  ) {}

  /** The data of an operation. Throws with the first error, or with the refusal of a mutation's union. */
  async ask<Data = any>(query: string, variables: Record<string, unknown> = {}): Promise<Data> {
    const response = await fetch(this.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json', authorization: `Bearer ${this.token}` },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = (await response.json()) as { data: Data; errors?: { message: string }[] };
    if (errors?.length) throw new Error(errors[0]!.message);
    return data;
  }

  /** Runs one mutation with its input; returns the fields asked for of its result. Throws the refusal. */
  async run<Result = any>(mutation: string, input: Record<string, unknown>, fields: string): Promise<Result> {
    const name = mutation[0]!.toUpperCase() + mutation.slice(1);
    const query = `mutation($input: ${name}Input!) { result: ${mutation}(input: $input) { __typename ... on Refused { code message path } ${fields} } }`;
    const { result } = await this.ask(query, { input });
    if (result.__typename === 'Refused') throw new Error(`${mutation} was refused: ${result.code} at ${result.path}: ${result.message}`);
    return result;
  }
}
