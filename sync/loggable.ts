/** What the log may hold of an error: never its parameters, which are customers' data. */
export function loggable(cause: unknown): { name: string; message: string; stack: string | undefined; code: unknown } {
  const { name, message, stack, code } = cause instanceof Error ? (cause as Error & { code?: unknown }) : { name: typeof cause, message: String(cause) };
  return { name, message, stack, code };
}
