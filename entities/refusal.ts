/**
 * An expected failure. `code` is API and never changes its meaning; `message` is for people and says what to do; `path` names
 * the input field; `retryable` says whether the same request may succeed later. `others` is what else is wrong with the request.
 */
export class Refusal extends Error {
  others: Refusal[] = [];

  constructor(
    readonly code: string,
    message: string,
    readonly path: string = '',
    readonly retryable: boolean = false,
  ) {
    super(message);
    this.name = 'Refusal';
  }
}

/** The default arm of an exhaustive switch: it does not compile while a case is missing. */
export function unreachable(value: never): never {
  throw new Error(`no case for ${JSON.stringify(value)}`);
}
