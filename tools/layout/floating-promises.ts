import * as path from 'node:path';
import {
  type Expression,
  isAssignmentOperatorToken,
  isBinaryExpression,
  isCallExpression,
  isExpressionStatement,
  isPropertyAccessExpression,
  type Node,
} from 'typescript/unstable/ast';
import { API, type Checker, type Project, type Type } from 'typescript/unstable/sync';
import { type Fault, lineAt } from './source-file.ts';

/**
 * Faults for statements that drop a promise. Biome's noFloatingPromises, which is on too, knows only the types of
 * our own files; this asks the compiler, so that `fs.rm(…)` or `client.send(…)` without `await` is found as well.
 * `void promise`, `.catch(handler)` and `.then(done, failed)` are taken as meant.
 *
 * The API is called unstable by TypeScript 7 itself: look here when that package is updated.
 */
export function checkFloatingPromises(tsconfigPath: string): Fault[] {
  const root = path.dirname(path.resolve(tsconfigPath));
  const api = new API({ cwd: root });
  try {
    using snapshot = api.updateSnapshot({ openProjects: [path.resolve(tsconfigPath)] });
    const projects = snapshot.getProjects();
    if (projects.length === 0) throw new Error(`${tsconfigPath}: the compiler opens no project`);
    return projects.flatMap((project) => project.rootFiles.flatMap((file) => faultsOf(project, root, file)));
  } finally {
    api.close();
  }
}

function faultsOf(project: Project, root: string, fileName: string): Fault[] {
  const source = project.program.getSourceFile(fileName);
  if (source === undefined) return [];
  const dropped = statementExpressions(source).filter((expression) => !isHandled(expression));
  const types = project.checker.getTypeAtLocation(dropped);
  return dropped.flatMap((expression, index): Fault[] => {
    const type = types[index];
    if (type === undefined || !isThenable(project.checker, type)) return [];
    return [
      {
        path: path.relative(root, fileName),
        line: lineAt(source.text, expression.getStart(source)),
        message: 'the promise is dropped: await it, return it, or write "void" and see to its failure',
      },
    ];
  });
}

function statementExpressions(source: Node): Expression[] {
  const found: Expression[] = [];
  const visit = (node: Node): void => {
    if (isExpressionStatement(node)) found.push(node.expression);
    node.forEachChild(visit);
  };
  visit(source);
  return found;
}

function isHandled(expression: Expression): boolean {
  if (isBinaryExpression(expression)) return isAssignmentOperatorToken(expression.operatorToken);
  if (!isCallExpression(expression) || !isPropertyAccessExpression(expression.expression)) return false;
  const method = expression.expression.name.text;
  const given = expression.arguments.length;
  return (method === 'catch' && given === 1) || (method === 'then' && given === 2);
}

function isThenable(checker: Checker, type: Type): boolean {
  if (type.isUnionType()) return (type.getTypes() ?? []).some((member) => isThenable(checker, member));
  return checker.getPropertyOfType(type, 'then') !== undefined;
}
