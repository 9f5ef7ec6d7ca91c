import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { type DefaultTheme, defineConfig } from 'vitepress';
import { documentationUrl } from '../../src/lib/documentation.js';
import { checkAnchors } from './check-anchors.js';
import { copyRepositoryFiles, linkRepositoryFiles } from './repository-files.js';

const docs = resolve(import.meta.dirname, '..');

export default defineConfig({
  title: 'Jidoka',
  description: 'Remediates Prometheus alerts, within bounds, and escalates the rest.',
  base: new URL(documentationUrl).pathname,
  lang: 'en',
  sitemap: { hostname: documentationUrl },
  markdown: {
    config(md) {
      linkRepositoryFiles(md);
      // pages are Markdown, not Vue templates, and playbooks are full of ${{ … }}
      const toText = (text = '') => md.utils.escapeHtml(text).replaceAll('{{', '&#123;&#123;');
      md.renderer.rules.text = (tokens, i) => toText(tokens[i]?.content);
      md.renderer.rules.code_inline = (tokens, i) => `<code>${toText(tokens[i]?.content)}</code>`;
    },
  },
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    nav: [
      { text: 'Tutorial', link: '/tutorial/first-remediation' },
      { text: 'How-to guides', link: '/how-to/production' },
      { text: 'Reference', link: '/reference/playbooks' },
    ],
    sidebar: [
      section('Tutorial', 'tutorial', ['first-remediation', 'first-playbook']),
      section('How-to guides', 'how-to', [
        'scale-up-and-down',
        'restart-at-night',
        'roll-back-a-bad-deploy',
        'scale-nodes',
        'call-another-system',
        'run-a-job',
        'run-a-playbook',
        'let-services-describe-their-monitoring',
        'replace-swarm-listener',
        'slack',
        'notify-by-alertmanager',
        'console',
        'see-why',
        'explain-a-decision',
        'backtest',
        'learn-from-clicks',
        'playbooks-in-git',
        'production',
        'cells',
        'upgrade',
        'restore',
        'operations',
        'move-from-jenkins',
        'move-a-jenkins-job',
        'move-from-docker-scaler',
      ]),
      section('Reference', 'reference', [
        'playbooks',
        'playbook-tests',
        'jobs',
        'service-labels',
        'settings',
        'command-line',
      ]),
      section('Explanation', 'explanation', ['how-an-alert-travels', 'guards', 'guarantees']),
      section('Contributors', 'contributors', ['architecture']),
      { ...section('Decisions', 'decisions', []), collapsed: true },
    ],
  },
  buildEnd({ outDir }) {
    copyRepositoryFiles(outDir);
    checkAnchors(outDir);
  },
});

/** The pages of a folder: first those named, in their order, then the others by name. */
function section(text: string, folder: string, first: readonly string[]): DefaultTheme.SidebarItem {
  const rest = readdirSync(join(docs, folder))
    .filter((file) => file.endsWith('.md'))
    .map((file) => basename(file, '.md'))
    .filter((page) => page !== 'index' && !first.includes(page))
    .sort();
  return {
    text,
    items: [...first, ...rest].map((page) => ({
      text: titleOf(join(docs, folder, `${page}.md`)),
      link: `/${folder}/${page}`,
    })),
  };
}

function titleOf(file: string): string {
  const title = /^# (.+)$/m.exec(readFileSync(file, 'utf8'))?.[1];
  if (title === undefined) throw new Error(`${relative(docs, file)}: expected a heading "# …"`);
  return title.replaceAll('`', '');
}
