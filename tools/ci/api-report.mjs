// Compares the public API of the package in the current folder with its report in etc/; `--update` accepts the change.
import { Extractor, ExtractorConfig } from '@microsoft/api-extractor';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = process.cwd();
const update = process.argv.includes('--update');
const packageJson = JSON.parse(readFileSync('package.json', 'utf8'));

/** `.` of core is core.api.md, `./kit` is core-kit.api.md. */
function entries() {
  const base = packageJson.name.replace(/^@[^/]+\//, '');
  return Object.entries(packageJson.exports)
    .filter(([, target]) => target.import?.types)
    .map(([path, target]) => ({
      report: [base, ...path.split('/').slice(1)].join('-'),
      declarations: join(folder, target.import.types),
    }));
}

function configuration({ report, declarations }) {
  return ExtractorConfig.prepare({
    configObjectFullPath: join(folder, 'api-extractor.json'),
    packageJsonFullPath: join(folder, 'package.json'),
    configObject: {
      projectFolder: folder,
      mainEntryPointFilePath: declarations,
      compiler: {
        overrideTsconfig: {
          compilerOptions: {
            target: 'es2022',
            lib: ['es2023', 'esnext.disposable'],
            module: 'nodenext',
            moduleResolution: 'nodenext',
            strict: true,
            skipLibCheck: true,
            types: ['node'],
          },
          files: [declarations],
        },
      },
      apiReport: {
        enabled: true,
        reportFileName: `${report}.api.md`,
        reportFolder: join(folder, 'etc'),
        reportTempFolder: join(folder, 'temp'),
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      newlineKind: 'lf',
      messages: {
        compilerMessageReporting: { default: { logLevel: 'warning' } },
        extractorMessageReporting: {
          default: { logLevel: 'warning' },
          'ae-missing-release-tag': { logLevel: 'none' },
          'ae-undocumented': { logLevel: 'none' },
          'ae-unresolved-link': { logLevel: 'none' },
          'ae-forgotten-export': { logLevel: 'none' },
        },
        tsdocMessageReporting: { default: { logLevel: 'none' } },
      },
    },
  });
}

mkdirSync(join(folder, 'etc'), { recursive: true });
for (const entry of entries()) {
  const result = Extractor.invoke(configuration(entry), { localBuild: update, showVerboseMessages: false });
  if (result.succeeded || update) continue;
  process.exitCode = 1;
  console.error(`The API of ${entry.report} changed. Review it, then run \`npm run api -- -p ${packageJson.name}\`.`);
}
