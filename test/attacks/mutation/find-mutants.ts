import ts from 'typescript';

/** One edit of a file that takes a check away, or moves its edge. */
export interface Mutant {
  readonly file: string;
  readonly line: number;
  /** What stood there, on one line. */
  readonly was: string;
  readonly by: string;
  readonly start: number;
  readonly end: number;
}

type Edit = readonly [node: ts.Node, by: string];

/** Checks of zod's that can be left out of a schema. */
const SCHEMA_CHECKS = ['refine', 'max', 'min', 'regex', 'nonnegative', 'positive'];

/**
 * Finds every edit of a checker's source that turns one check off: conditions of throws and of early refusals (whole,
 * and each part of them), calls whose answer nobody uses, checks in schemas, edges of comparisons.
 */
export function findMutants(file: string, source: string): readonly Mutant[] {
  const parsed = ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true);
  const mutants = new Map<string, Mutant>();
  const visit = (node: ts.Node): void => {
    for (const [edited, by] of editsOf(node)) {
      const start = edited.getStart(parsed);
      const was = source.slice(start, edited.end).replace(/\s+/g, ' ');
      const { line } = parsed.getLineAndCharacterOfPosition(start);
      mutants.set(`${start}/${edited.end}/${by}`, { file, line: line + 1, was, by, start, end: edited.end });
    }
    ts.forEachChild(node, visit);
  };
  visit(parsed);
  return [...mutants.values()];
}

/** The source with a mutant in it. */
export function applyMutant(source: string, { start, end, by }: Mutant): string {
  return `${source.slice(0, start)}${by}${source.slice(end)}`;
}

function editsOf(node: ts.Node): readonly Edit[] {
  if (ts.isIfStatement(node)) return editsOfIf(node);
  if (ts.isExpressionStatement(node) && ts.isCallExpression(node.expression)) return [[node, ';']];
  if (ts.isConditionalExpression(node))
    return [
      [node.condition, 'true'],
      [node.condition, 'false'],
    ];
  if (ts.isReturnStatement(node) && node.expression) return editsOfTest(node.expression);
  if (ts.isArrowFunction(node) && !ts.isBlock(node.body)) return editsOfTest(node.body);
  if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression))
    return editsOfSchema(node, node.expression);
  return [];
}

function editsOfIf({ expression, thenStatement, parent }: ts.IfStatement): readonly Edit[] {
  const last = ts.isBlock(thenStatement) ? thenStatement.statements.at(-1) : thenStatement;
  if (last === undefined) return [];
  if (ts.isThrowStatement(last)) return [[expression, 'false'], ...partsOf(expression), ...edgesOf(expression)];
  if (!ts.isReturnStatement(last)) return [];
  const guardsThrow = ts.isBlock(parent) && parent.statements.some((one) => ts.isThrowStatement(one));
  const whole = guardsThrow ? 'true' : 'false';
  return [[expression, whole], ...partsOf(expression), ...edgesOf(expression)];
}

function editsOfTest(expression: ts.Expression): readonly Edit[] {
  return [...partsOf(expression), ...edgesOf(expression)];
}

/** Each operand of `||` never true, each of `&&` never false. */
function partsOf(expression: ts.Expression): readonly Edit[] {
  if (ts.isParenthesizedExpression(expression)) return partsOf(expression.expression);
  if (!ts.isBinaryExpression(expression)) return [];
  const { operatorToken, left, right } = expression;
  const neutral = { [ts.SyntaxKind.BarBarToken]: 'false', [ts.SyntaxKind.AmpersandAmpersandToken]: 'true' }[
    operatorToken.kind as number
  ];
  if (neutral === undefined) return [];
  return [left, right].flatMap((operand): readonly Edit[] => [
    ...(isGroup(operand) ? [] : [[operand, neutral] as const]),
    ...partsOf(operand),
  ]);
}

function isGroup(node: ts.Expression): boolean {
  if (ts.isParenthesizedExpression(node)) return isGroup(node.expression);
  return (
    ts.isBinaryExpression(node) &&
    (node.operatorToken.kind === ts.SyntaxKind.BarBarToken ||
      node.operatorToken.kind === ts.SyntaxKind.AmpersandAmpersandToken)
  );
}

const EDGES = new Map([
  [ts.SyntaxKind.LessThanToken, '<='],
  [ts.SyntaxKind.LessThanEqualsToken, '<'],
  [ts.SyntaxKind.GreaterThanToken, '>='],
  [ts.SyntaxKind.GreaterThanEqualsToken, '>'],
]);

/** `<` for `<=` and so on, in all comparisons of a condition. */
function edgesOf(expression: ts.Expression): readonly Edit[] {
  if (ts.isParenthesizedExpression(expression)) return edgesOf(expression.expression);
  if (!ts.isBinaryExpression(expression)) return [];
  const { operatorToken, left, right } = expression;
  const by = EDGES.get(operatorToken.kind);
  return by === undefined ? [...edgesOf(left), ...edgesOf(right)] : [[operatorToken, by]];
}

function editsOfSchema(call: ts.CallExpression, { expression, name }: ts.PropertyAccessExpression): readonly Edit[] {
  // Math.min and its like are no schemas' checks.
  if (!SCHEMA_CHECKS.includes(name.text) || expression.getText() === 'Math') return [];
  return [[call, expression.getText()]];
}
