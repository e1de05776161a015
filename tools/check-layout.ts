// What neither Biome nor the compiler holds: the order of rooms, circles of folders, purity, names, links, promises.
import * as path from 'node:path';
import { checkDocLinks } from './layout/doc-links.ts';
import { checkFileNames, checkGeneratedNames } from './layout/file-names.ts';
import { checkFloatingPromises } from './layout/floating-promises.ts';
import { checkFolderCycles, checkFolderExceptions } from './layout/folder-cycles.ts';
import { checkExceptions, checkImportDirection } from './layout/import-direction.ts';
import { checkMachineNames } from './layout/machine-names.ts';
import { checkPureFolders, checkPureNames } from './layout/pure-folders.ts';
import { ALSO_ALLOWED, PURE, STILL_GENERATED, STILL_IN_CIRCLES } from './layout/rooms.ts';
import { readProjectFiles } from './layout/source-file.ts';

const root = path.join(import.meta.dirname, '..');
const files = readProjectFiles(root);
const outsideFixtures = files.filter((file) => !file.path.startsWith('test/fixtures/'));

const faults = [
  ...checkImportDirection(files),
  ...checkExceptions(files, ALSO_ALLOWED),
  ...checkFolderCycles(files, STILL_IN_CIRCLES),
  ...checkFolderExceptions(files, STILL_IN_CIRCLES),
  ...checkPureFolders(files, PURE),
  ...checkPureNames(files, PURE),
  ...checkFileNames(files),
  ...checkGeneratedNames(files, STILL_GENERATED),
  ...checkMachineNames(files),
  ...checkDocLinks(outsideFixtures),
  ...checkFloatingPromises(path.join(root, 'tsconfig.json')),
  ...checkFloatingPromises(path.join(root, 'cdk/tsconfig.json')),
];
for (const { path: name, line, message } of faults) console.error(`${name}:${line}: ${message}`);
console.log(`layout: ${files.length} files, ${faults.length} faults`);
process.exitCode = faults.length === 0 ? 0 : 1;
