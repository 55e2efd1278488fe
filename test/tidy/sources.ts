/** The project's own source files, parsed. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative, resolve, sep } from 'node:path';
import ts from 'typescript';

export const ROOT = resolve(__dirname, '..', '..');
/** Folders of the product, in the order of the house. */
export const PRODUCT = ['gateway', 'subgraphs', 'entities', 'sync', 'connectors', 'cli'] as const;
const ALL = [...PRODUCT, 'bench', 'test'];
const CODE = /\.(ts|mjs|cjs)$/;

export interface Source {
  /** From the project's root, with forward slashes. */
  path: string;
  text: string;
  tree: ts.SourceFile;
}

/** Paths of all files below a folder, from the project's root. */
export function filesBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((path) => !path.includes('node_modules/'))
    .sort();
}

function load(path: string): Source {
  const text = readFileSync(join(ROOT, path), 'utf8');
  return { path, text, tree: ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true) };
}

export const SOURCES: readonly Source[] = ALL.flatMap((folder) => filesBelow(folder)).filter((path) => CODE.test(path)).map(load);
export const PRODUCT_SOURCES = SOURCES.filter(({ path }) => PRODUCT.some((folder) => path.startsWith(`${folder}/`)));

/** Every node of a file, parents before children. */
export function* nodesOf(node: ts.Node): Generator<ts.Node> {
  yield node;
  const children: ts.Node[] = [];
  ts.forEachChild(node, (child) => void children.push(child));
  for (const child of children) yield* nodesOf(child);
}

/** `path:line` of a node, for messages. */
export function place({ path, tree }: Source, node: ts.Node): string {
  return `${path}:${tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1}`;
}

export interface Import {
  /** Path from the project's root without its ending, or the name of a package. */
  target: string;
  /** Nothing of it is there when the program runs. */
  typeOnly: boolean;
  at: string;
}

/** What a file imports or exports on. */
export function importsOf(source: Source): Import[] {
  const imports: Import[] = [];
  for (const node of nodesOf(source.tree)) {
    const name = moduleOf(node);
    if (name === undefined) continue;
    const target = name.startsWith('.') ? posix.normalize(posix.join(dirname(source.path), name)).replace(CODE, '') : name;
    imports.push({ target, typeOnly: isTypeOnly(node), at: place(source, node) });
  }
  return imports;
}

function moduleOf(node: ts.Node): string | undefined {
  if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier) return textOf(node.moduleSpecifier);
  const calls = ts.isCallExpression(node) && (node.expression.kind === ts.SyntaxKind.ImportKeyword || node.expression.getText() === 'require');
  return calls ? textOf(node.arguments[0]) : undefined;
}

const textOf = (node: ts.Node | undefined) => (node && ts.isStringLiteral(node) ? node.text : undefined);

function isTypeOnly(node: ts.Node): boolean {
  if (ts.isExportDeclaration(node)) return node.isTypeOnly;
  if (!ts.isImportDeclaration(node) || !node.importClause) return false;
  const { isTypeOnly: all, name, namedBindings } = node.importClause;
  if (all) return true;
  return !name && !!namedBindings && ts.isNamedImports(namedBindings) && namedBindings.elements.every((element) => element.isTypeOnly);
}
