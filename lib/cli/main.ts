import '../platform/interpreted-schemas.ts';
import { surviveClosedOutput } from './closed-output.ts';
import { runCommandLine } from './program.ts';

surviveClosedOutput([process.stdout, process.stderr]);
// Not awaited: the build bundles this file as CommonJS, which has no `await` at its top.
void runCommandLine(process.argv.slice(2)).then((exitCode) => {
  process.exitCode = exitCode;
});
