/** What code may not say: money as a number, time from nowhere, a state without a move. */
import ts from 'typescript';
import { nodesOf, place, type Source } from './sources';

const MONEY = /(amount|price|minor|total)s?$/i;

/** Fields, parameters and variables of type `number` that bear the name of money. */
export function moneyAsNumber(source: Source): string[] {
  const found: string[] = [];
  for (const node of nodesOf(source.tree)) {
    const typed = ts.isPropertyDeclaration(node) || ts.isPropertySignature(node) || ts.isParameter(node) || ts.isVariableDeclaration(node);
    if (!typed || node.type?.kind !== ts.SyntaxKind.NumberKeyword || !MONEY.test(node.name.getText())) continue;
    found.push(`${place(source, node)} keeps ${node.name.getText()} as a number`);
  }
  return found;
}

/** Time and chance that no clock gave and no seed. */
export function unaskedTime(source: Source): string[] {
  const found: string[] = [];
  for (const node of nodesOf(source.tree)) {
    const isNow = ts.isNewExpression(node) && node.expression.getText() === 'Date' && !node.arguments?.length;
    const isCall = ts.isCallExpression(node) && /^(Date\.now|Math\.random|performance\.now)$/.test(node.expression.getText());
    if (isNow || isCall) found.push(`${place(source, node)} says ${node.getText()}`);
  }
  return found;
}

const STATE = /^(state|settlement)$/;

/** States set to a member of their enumeration instead of being led there by `move`. New objects may be born in a state. */
export function jumps(source: Source): string[] {
  const found: string[] = [];
  for (const node of nodesOf(source.tree)) {
    const isAssigned =
      ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.EqualsToken &&
      ts.isPropertyAccessExpression(node.left) && STATE.test(node.left.name.text) && isConstant(node.right);
    const isMerged = ts.isPropertyAssignment(node) && STATE.test(node.name.getText()) && isConstant(node.initializer) && mergesIntoOld(node.parent);
    if (isAssigned || isMerged) found.push(`${place(source, node)} says ${node.getText()}`);
  }
  return found;
}

function isConstant(node: ts.Expression): boolean {
  const isMember = ts.isPropertyAccessExpression(node) && /^[A-Z]\w*\.[A-Z_]+$/.test(node.getText());
  return ts.isStringLiteral(node) || isMember || (ts.isIdentifier(node) && /^[A-Z_]{2,}$/.test(node.text));
}

/** Whether an object literal is what `Object.assign` puts into something that was there before. */
function mergesIntoOld(literal: ts.Node): boolean {
  const call = literal.parent;
  return ts.isCallExpression(call) && call.expression.getText() === 'Object.assign' && call.arguments[0] !== literal && !ts.isNewExpression(call.arguments[0]!);
}
