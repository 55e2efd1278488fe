/** Which folder may import what. Everything not allowed here is forbidden. */
import { importsOf, type Import, type Source } from './sources';

interface Rule {
  from: RegExp;
  /** What may be imported as a value. */
  values: RegExp;
  /** What may be imported as a type besides. */
  types?: RegExp;
}

/** The first rule that fits a file is its rule. `$1` stands for the first group of `from`: the file's own domain or vendor. */
const RULES: Rule[] = [
  { from: /^entities\//, values: /^entities\//, types: /^sync\/documents$/ },
  { from: /^sync\//, values: /^(sync|entities)\//, types: /^connectors\/connector$/ },
  {
    from: /^connectors\/(\w+)\//,
    values: /^(connectors\/($1\/|connector$|bankFile$)|entities\/|sync\/|subgraphs\/act$|subgraphs\/\w+\/(commands\/\w+|rules)$)/,
  },
  { from: /^connectors\//, values: /^(connectors\/|entities\/|sync\/|subgraphs\/act$|subgraphs\/\w+\/(commands\/\w+|rules)$)/ },
  { from: /^subgraphs\/(\w+)\/rules\.ts$/, values: /^(entities\/(?!database|rows|migrations)|subgraphs\/($1\/states|move)$)/, types: /^(sync\/documents|subgraphs\/accounting|subgraphs\/\$1\/\w+)$/ },
  { from: /^subgraphs\/(\w+)\/states\.ts$/, values: /^entities\// },
  { from: /^subgraphs\/(\w+)\/on\//, values: /^(entities\/|sync\/|subgraphs\/(\w+|$1\/.+|\w+\/events)$)/ },
  { from: /^subgraphs\/(\w+)\/resolver\.ts$/, values: /^(entities\/|sync\/|connectors\/|subgraphs\/(\w+|$1\/.+)$)/ },
  { from: /^subgraphs\/(\w+)\//, values: /^(entities\/|sync\/|subgraphs\/(\w+|$1\/.+)$)/, types: /^connectors\/connector$/ },
  { from: /^subgraphs\/domains\.ts$/, values: /^subgraphs\/(domain|\w+\/domain)$/ },
  { from: /^subgraphs\/\w+\.ts$/, values: /^(entities(\/.+)?|sync\/.+|subgraphs\/\w+)$/ },
  { from: /^gateway\//, values: /^(gateway\/|entities\/|sync\/|subgraphs\/\w+$)/ },
  { from: /^cli\//, values: /^(cli|gateway|subgraphs|connectors|entities|sync)\// },
];
const COMMON = /^entities$/;
/** Modules a pure rule may use: they neither read nor write anything. */
const PURE_MODULES = new Set(['node:crypto']);

/** Imports of a file that go against the arrows. */
export function wrongArrows(source: Source): string[] {
  const rule = RULES.find(({ from }) => from.test(source.path));
  if (!rule) return [];
  const own = rule.from.exec(source.path)?.[1] ?? '';
  const bind = (pattern: RegExp) => new RegExp(pattern.source.replace(/\\?\$1/g, own));
  const values = bind(rule.values);
  const types = rule.types && bind(rule.types);
  const wrong = ({ target, typeOnly }: Import) => {
    if (!isOwn(target)) return /\/rules\.ts$/.test(source.path) && !typeOnly && !PURE_MODULES.has(target);
    return !COMMON.test(target) && !values.test(target) && !(typeOnly && types?.test(target));
  };
  return importsOf(source).filter(wrong).map(({ at, target }) => `${at} imports ${target}`);
}

const isOwn = (target: string) => /^(gateway|subgraphs|entities|sync|connectors|cli|bench|test)(\/|$)/.test(target);
