// What neither Biome nor the compiler holds: the order of the rooms, names, links, dropped promises.
import * as path from 'node:path';
import { checkDocLinks } from './layout/doc-links.ts';
import { checkFileNames } from './layout/file-names.ts';
import { checkFloatingPromises } from './layout/floating-promises.ts';
import { checkExceptions, checkImportDirection } from './layout/import-direction.ts';
import { checkMachineNames } from './layout/machine-names.ts';
import { ALSO_ALLOWED } from './layout/rooms.ts';
import { readProjectFiles } from './layout/source-file.ts';

const root = path.join(import.meta.dirname, '..');
const files = readProjectFiles(root);
const outsideFixtures = files.filter((file) => !file.path.startsWith('test/fixtures/'));

const faults = [
  ...checkImportDirection(files),
  ...checkExceptions(files, ALSO_ALLOWED),
  ...checkFileNames(files),
  ...checkMachineNames(files),
  ...checkDocLinks(outsideFixtures),
  ...checkFloatingPromises(path.join(root, 'tsconfig.json')),
  ...checkFloatingPromises(path.join(root, 'cdk/tsconfig.json')),
];
for (const { path: name, line, message } of faults) console.error(`${name}:${line}: ${message}`);
console.log(`layout: ${files.length} files, ${faults.length} faults`);
process.exitCode = faults.length === 0 ? 0 : 1;
