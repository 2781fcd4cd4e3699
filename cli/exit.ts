/** What a command says by its exit code. */
export const exitCode = { done: 0, finding: 1, wrongUse: 2 } as const;

export const exitCodesHelp = `
Exit codes: 0 done, 1 a finding, 2 wrong use or something missing.`;

/** The user can mend this: the message is all that is shown, and the exit code is 2. */
export class WrongUse extends Error {
  override readonly name = "WrongUse";
}
