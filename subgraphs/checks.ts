import { Refusal } from '../entities/refusal';

/** Looks at everything before anything is refused: a caller is told of all that is wrong at once. */
export class Checks {
  private readonly refusals: Refusal[] = [];

  /** Runs a check; what it refuses is kept, and undefined answered instead. */
  async look<T>(check: () => T | Promise<T>): Promise<T | undefined> {
    try {
      return await check();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.refusals.push(error);
      return undefined;
    }
  }

  refuse(refusal: Refusal): void {
    this.refusals.push(refusal);
  }

  /** Throws the first refusal with the others, if there was any. */
  done(): void {
    const [first, ...others] = this.refusals;
    if (!first) return;
    first.others = others;
    throw first;
  }
}
