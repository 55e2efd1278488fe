/** How long functions are and how many parameters they take. */
import ts from 'typescript';
import { nodesOf, place, type Source } from './sources';

export const FUNCTION_LINES_MAX = 60;
export const FILE_LINES_MAX = 300;
export const PARAMETERS_MAX = 3;

export interface Measured {
  /** `path#name`; functions without a name are called by their line. */
  key: string;
  at: string;
  lines: number;
}

/** Every function with its length in lines. What `describe` is given is a chapter, not a function. */
export function functionsOf(source: Source): Measured[] {
  const measured: Measured[] = [];
  for (const node of nodesOf(source.tree)) {
    if (!isFunction(node) || !node.body || isChapter(node)) continue;
    const from = source.tree.getLineAndCharacterOfPosition(node.getStart(source.tree)).line;
    const to = source.tree.getLineAndCharacterOfPosition(node.end).line;
    measured.push({ key: `${source.path}#${nameOf(node) ?? `line ${from + 1}`}`, at: place(source, node), lines: to - from + 1 });
  }
  return measured;
}

/**
 * Functions with too many parameters. Not counted: a resolver's, which are the field's arguments; those of functions whose shape
 * a library prescribes, which have a parameter without a type of its own; and what an error is made of.
 */
export function crowdedOf(source: Source): string[] {
  const crowded: string[] = [];
  for (const node of nodesOf(source.tree)) {
    if (!isFunction(node) || node.parameters.length <= PARAMETERS_MAX) continue;
    const given = node.parameters.some((parameter) => ts.getDecorators(parameter)?.length || !(parameter.type || parameter.initializer));
    if (!given && !makesError(node)) crowded.push(`${place(source, node)} takes ${node.parameters.length} parameters`);
  }
  return crowded;
}

type AnyFunction = ts.FunctionLikeDeclaration;

function isFunction(node: ts.Node): node is AnyFunction {
  return (
    ts.isFunctionDeclaration(node) || ts.isFunctionExpression(node) || ts.isArrowFunction(node) ||
    ts.isMethodDeclaration(node) || ts.isConstructorDeclaration(node) || ts.isAccessor(node)
  );
}

function makesError({ parent }: AnyFunction): boolean {
  return ts.isClassDeclaration(parent) && !!parent.heritageClauses?.some((clause) => /\bError$/.test(clause.getText()));
}

/** The callback of `describe(…)`, `describe.each(…)(…)`, `describeTryton(…)`. */
function isChapter(node: AnyFunction): boolean {
  return ts.isCallExpression(node.parent) && /^describe\w*\b/.test(node.parent.expression.getText());
}

function nameOf(node: AnyFunction): string | undefined {
  if (ts.isConstructorDeclaration(node)) return 'constructor';
  if (node.name) return node.name.getText();
  return ts.isVariableDeclaration(node.parent) ? node.parent.name.getText() : undefined;
}
