/** What the toy program does; tests plant bugs in it. */
export function next(value: number): number {
  return value + 1;
}
