export const START_MS = 1_795_510_800_000; // 2026-11-24T09:00:00Z

interface Event {
  atMs: number;
  /** Events of one instant happen in the order they were scheduled. */
  number: number;
  happen(): void;
  cancelled: boolean;
}

const isBefore = (one: Event, other: Event) => one.atMs < other.atMs || (one.atMs === other.atMs && one.number < other.number);

/** Virtual time: it stands still while anything can run, and then jumps to what is due next. */
export class SimulatedTime {
  nowMs = START_MS;
  /** Events so far. */
  steps = 0;
  private scheduled = 0;
  /** A binary heap: what is due next is first. */
  private readonly queue: Event[] = [];

  /** Schedules something; returns how to cancel it. */
  after(ms: number, happen: () => void): () => void {
    const event = { atMs: this.nowMs + ms, number: ++this.scheduled, happen, cancelled: false };
    const { queue } = this;
    let place = queue.push(event) - 1;
    for (let above = (place - 1) >> 1; place > 0 && isBefore(event, queue[above]!); above = (place - 1) >> 1) {
      queue[place] = queue[above]!;
      queue[(place = above)] = event;
    }
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
      const event = this.next();
      if (!event) throw new Error('the simulation stands still: nothing is due and the task has not ended');
      if (event.cancelled) continue;
      this.nowMs = event.atMs;
      this.steps++;
      event.happen();
    }
  }

  private next(): Event | undefined {
    const { queue } = this;
    const [first] = queue;
    const last = queue.pop();
    if (queue.length === 0 || !last) return first;
    let place = 0;
    for (;;) {
      const [left, right] = [queue[2 * place + 1], queue[2 * place + 2]];
      const sooner = right && left && isBefore(right, left) ? right : left;
      if (!sooner || !isBefore(sooner, last)) break;
      queue[place] = sooner;
      place = 2 * place + (sooner === left ? 1 : 2);
    }
    queue[place] = last;
    return first;
  }
}

/** Every promise that could go on has gone on: the store answers without leaving the event loop's turn. */
const idle = () => new Promise<void>((resolve) => process.nextTick(resolve));
