import { surviveClosedOutput } from './closed-output.ts';
import { runCommandLine } from './program.ts';

surviveClosedOutput([process.stdout, process.stderr]);
process.exitCode = await runCommandLine(process.argv.slice(2));
