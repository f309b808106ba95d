import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';

const pages = ['README.md', 'CHANGELOG.md', ...readdirSync('docs').map((name) => `docs/${name}`)].filter((page) =>
  page.endsWith('.md'),
);

/** A page without its blocks of code, in which nothing is a heading or a link. */
function proseOf(page: string): string {
  return readFileSync(page, 'utf8').replaceAll(/^```[^]*?^```/gm, '');
}

/** The anchors that a page's headings get on GitHub. */
function anchorsOf(page: string): readonly string[] {
  const headings = [...proseOf(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading);
  const slugs = headings.map((heading) =>
    heading
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}_\- ]/gu, '')
      .replaceAll(' ', '-'),
  );
  return slugs.map((slug, index) => {
    const before = slugs.slice(0, index).filter((one) => one === slug).length;
    return before === 0 ? slug : `${slug}-${before}`;
  });
}

/** What is wrong with a link on a page; undefined where it leads somewhere. */
function faultOf({ page, link }: { readonly page: string; readonly link: string }): string | undefined {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? page : normalize(join(dirname(page), path));
  if (!existsSync(target)) return `${target} is not there`;
  if (anchor === undefined || !target.endsWith('.md')) return undefined;
  return anchorsOf(target).includes(anchor) ? undefined : `${target} has no heading ${anchor}`;
}

const links = pages.flatMap((page) => {
  const own = proseOf(page).replaceAll(/`[^`\n]*`/g, '');
  return [...own.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link = '']) => ({ page, link }))
    .filter(({ link }) => !/^[a-z]+:/.test(link));
});

test('the pages have links', () => {
  expect(links.length).toBeGreaterThan(20);
  expect(links.some(({ link }) => link.includes('#'))).toBe(true);
});

test.each(links)('$page leads to $link', (one) => {
  expect(faultOf(one)).toBeUndefined();
});

test.each([
  ['docs/nowhere.md', 'docs/nowhere.md is not there'],
  ['README.md#no-such-heading', 'README.md has no heading no-such-heading'],
])('a link to %s would be found out', (link, fault) => {
  expect(faultOf({ page: 'README.md', link })).toBe(fault);
});

test('every page of docs is led to from the README or from a page that is', () => {
  const found = new Set(['README.md']);
  for (let before = 0; before < found.size;) {
    before = found.size;
    for (const { page, link } of links) {
      if (found.has(page)) found.add(normalize(join(dirname(page), link.split('#')[0] ?? '')));
    }
  }
  expect(pages.filter((page) => page.startsWith('docs/') && !found.has(page))).toEqual([]);
});
