import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const SOURCES = ['.npmrc', 'index.html', 'package-lock.json', 'package.json', 'tsconfig.json', 'vite.config.ts'];

const filesIn = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
    .sort();

const sha256 = (data: Buffer | string) => createHash('sha256').update(data).digest('hex');

const digests = (files: string[]) => Object.fromEntries(files.map(file => [file, sha256(readFileSync(file))]));

const packages = new Set<string>();

/** Notes each package that a module of the bundle comes from; workers are bundled apart, so they have this plugin too. */
function notePackages(): Plugin {
  return {
    name: 'note-packages',
    moduleParsed({ id }) {
      const folder = /^.*\/node_modules\/(@[^/]+\/)?[^/]+/.exec(id)?.[0];
      if (folder) packages.add(folder);
    },
  };
}

function licenses(): string {
  const sections = [...packages].sort().map(folder => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const texts = readdirSync(folder).filter(file => /^(licen[cs]e|notice|thirdpartynotices)/i.test(file));
    return [`## ${name} ${version} (${license})`, ...texts.sort().map(file => readFileSync(join(folder, file), 'utf8').trim())];
  });
  return `${sections.flat().join('\n\n')}\n`;
}

/** Leaves each asset gzipped only, and writes build.json: which source this is the build of, and what belongs to it. */
function finish(): Plugin {
  return {
    name: 'finish',
    closeBundle() {
      for (const file of filesIn('dist/assets')) {
        writeFileSync(`${file}.gz`, gzipSync(readFileSync(file), { level: 9 }));
        rmSync(file);
      }
      writeFileSync('dist/THIRD_PARTY_LICENSES', licenses());
      const build = { source: digests([...SOURCES, ...filesIn('src')]), built: digests(filesIn('dist')) };
      writeFileSync('dist/build.json', `${JSON.stringify(build, null, 2)}\n`);
    },
  };
}

export default defineConfig({
  base: '/graphiql/',
  plugins: [react(), notePackages(), finish()],
  worker: { format: 'es', plugins: () => [notePackages()] },
  build: { chunkSizeWarningLimit: 4000 },
});
