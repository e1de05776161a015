/** What a command does, without its command line; what it printed, and its exit code. */
export async function here(command: () => Promise<number>) {
  using output = capture(process.stdout);
  using errors = capture(process.stderr);
  const exitCode = await command();
  return { output: output.text(), errors: errors.text(), exitCode };
}

/** What is written to the stream meanwhile comes to this test and to nobody else. */
export function capture(stream: NodeJS.WriteStream): { text(): string } & Disposable {
  const { write } = stream;
  let written = '';
  stream.write = (chunk: string | Uint8Array) => {
    written += chunk;
    return true;
  };
  return {
    text: () => written,
    [Symbol.dispose]() {
      stream.write = write;
    },
  };
}

/** The whole message by which something refuses to work. */
export async function refusal(work: () => unknown): Promise<string> {
  try {
    await work();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return 'not refused';
}
