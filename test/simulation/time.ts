const START_MS = 1_795_510_800_000; // 2026-11-24T09:00:00Z

interface Event {
  atMs: number;
  happen(): void;
  cancelled: boolean;
}

/** Virtual time: it stands still while anything can run, and then jumps to what is due next. */
export class SimulatedTime {
  nowMs = START_MS;
  /** Events so far. */
  steps = 0;
  private readonly queue: Event[] = [];

  /** Schedules something; returns how to cancel it. Events of one instant happen in the order they were scheduled. */
  after(ms: number, happen: () => void): () => void {
    const event = { atMs: this.nowMs + ms, happen, cancelled: false };
    let place = this.queue.length;
    while (place > 0 && this.queue[place - 1]!.atMs > event.atMs) place--;
    this.queue.splice(place, 0, event);
    return () => {
      event.cancelled = true;
    };
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve));
  }

  /** Lets time pass until a task has ended; throws what it throws. */
  async runUntil<Result>(task: Promise<Result>): Promise<Result> {
    let ended = false;
    const end = () => {
      ended = true;
    };
    task.then(end, end);
    for (;;) {
      await idle();
      if (ended) return task;
      const event = this.queue.shift();
      if (!event) throw new Error('the simulation stands still: nothing is due and the task has not ended');
      if (event.cancelled) continue;
      this.nowMs = event.atMs;
      this.steps++;
      event.happen();
    }
  }
}

/** Every promise that could go on has gone on: the store answers without leaving the event loop's turn. */
const idle = () => new Promise<void>((resolve) => setImmediate(resolve));
