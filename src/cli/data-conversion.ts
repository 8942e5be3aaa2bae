import nodePath from 'node:path';
import type { DatasetError } from '#mnist-dataset-loader';
import { quote } from '../../setup/escape.mjs';
import { formatCommand } from './command-line.ts';

type Kind = NonNullable<DatasetError['kind']>;

/**
 * The command that turns data of another kind into a supported archive, or shows what it is: one line for a shell.
 * `place` is the file or folder; the archive is written to the working folder.
 */
export function convertCommand(kind: Kind, place: string): string | undefined {
  const from = nodePath.relative('.', place) || '.';
  const shown = from.startsWith('..') ? place : from;
  const stem = nodePath.basename(place).replace(/(\.(npz|csv|pkl|pickle|parquet|mat|zip|gz|tar|tgz))+$/i, '');
  const python = (code: string, operands: readonly string[]) =>
    [`python3 -c "${code}"`, ...operands.map(quote)].join(' ');
  const convert = (code: string, name = `${stem}.npz`) =>
    `${python(code, [shown, name])} && ${showData(name)}`;
  const isArchive = /\.npz$/i.test(place);
  switch (kind) {
    case 'folder':
    case 'npz':
    case 'pictures':
      return showData(shown);
    case 'idx':
      return showData(nodePath.dirname(shown));
    case 'picture':
      return formatCommand('predict', { operands: [shown] });
    case 'csv':
      return convert(csv);
    case 'pickle':
      return convert(pickle);
    case 'parquet':
      return convert(parquet);
    case 'matlab':
      return convert(matlab);
    case 'zip':
    case 'tar': {
      const module = kind === 'zip' ? 'zipfile' : 'tarfile';
      const folder = `${stem}-unpacked`;
      return `python3 -m ${module} -e ${quote(shown)} ${quote(folder)} && ${showData(folder)}`;
    }
    case 'hdf5':
      return python('import sys,h5py;h5py.File(sys.argv[1]).visititems(print)', [shown]);
    case 'npy':
      return python('import sys,numpy as n;a=n.load(sys.argv[1]);print(a.shape,a.dtype)', [shown]);
    case 'unnamed-arrays':
      return python(
        'import sys,numpy as n;[print(k,v.shape,v.dtype) for k,v in n.load(sys.argv[1]).items()]',
        [shown],
      );
    case 'no-test':
      return convert(isArchive ? splitArrays : splitFiles, `${stem}-split.npz`);
    case 'labels-from-1':
      return convert(
        isArchive ? changeArrays('v-1 if v.max()==10 else v') : changeFiles('28', '', '-1'),
        `${stem}-from-0.npz`,
      );
    case 'images-32':
      return convert(
        isArchive
          ? changeArrays('v.reshape(-1,32,32)[:,2:30,2:30] if v[0].size==1024 else v')
          : changeFiles('32', '[:,2:30,2:30]', ''),
        `${stem}-28.npz`,
      );
    case 'inexact-floats':
      return convert(
        changeArrays(
          "n.rint((v-v.min())*(255/(v.max()-v.min()))).astype('u1') if v[0].size==784 and v.dtype.kind=='f' else v",
        ),
        `${stem}-bytes.npz`,
      );
    case 'other':
      return undefined;
  }
}

function showData(dataset: string): string {
  return formatCommand('show', { flags: { dataset } });
}

/** Every seventh example becomes a test example, whatever the order. */
const split = 't=n.arange(len(y))%7==6';
const save = 'n.savez(sys.argv[2],x_train=x[~t],y_train=y[~t],x_test=x[t],y_test=y[t])';

/** The label first, then 784 pixels; a header or none. */
const csv = [
  'import sys,gzip,numpy as n',
  "o=gzip.open if sys.argv[1].endswith('gz') else open",
  "d=n.loadtxt(sys.argv[1],dtype='u1',delimiter=',',skiprows=1-o(sys.argv[1],'rt').read(1).isdigit())",
  'y,x=d[:,0],d[:,1:]',
  split,
  save,
].join(';');

/** Pairs of images and labels: training first, test last; floats are k / 256 or k / 255. */
const pickle = [
  'import sys,gzip,pickle,numpy as n',
  "o=gzip.open if open(sys.argv[1],'rb').read(2)[:1]==bytes([31]) else open",
  "s=pickle.load(o(sys.argv[1],'rb'),encoding='latin1')",
  "a=lambda v:n.frombuffer(v,'u1') if type(v)==bytes else n.asarray(v)",
  "p=lambda v:(v if v.dtype.kind!='f' else n.minimum(v*256,255)).astype('u1').reshape(-1,784)",
  'n.savez(sys.argv[2],x_train=p(a(s[0][0])),y_train=a(s[0][1]),x_test=p(a(s[-1][0])),y_test=a(s[-1][1]))',
].join(';');

/** Columns `image` (PNG in bytes) and `label`. */
const parquet = [
  'import sys,io,numpy as n,pandas as p',
  'from PIL import Image as I',
  'd=p.read_parquet(sys.argv[1])',
  "x=n.stack([n.asarray(I.open(io.BytesIO(v['bytes'])).convert('L')) for v in d['image']])",
  "y=d['label'].to_numpy()",
  split,
  save,
].join(';');

/** `data` (784 x count) and `label`, as mnist-original.mat. */
const matlab = [
  'import sys,scipy.io,numpy as n',
  'm=scipy.io.loadmat(sys.argv[1])',
  "x=m['data'].T.copy().astype('u1')",
  "y=m['label'].ravel().astype('u1')",
  split,
  save,
].join(';');

const splitArrays = [
  'import sys,numpy as n',
  'd=n.load(sys.argv[1])',
  "x,y=[d[k] for w in ('28','1') for k in d if (d[k][0].size==784)==(w=='28')][:2]",
  split,
  save,
].join(';');

/** Reads the bytes of an IDX file, packed or not: r(words of the split, content, size of the header). */
const readFiles = [
  'import sys,os,gzip,glob,numpy as n',
  'u=lambda b:gzip.decompress(b) if b[:1]==bytes([31]) else b',
  "g=lambda s,w:[f for p in s.split() for f in sorted(glob.glob(sys.argv[1]+'/**/*'+p+'*'+w+'*',recursive=True)) if os.path.isfile(f)][0]",
  "r=lambda s,w,o:n.frombuffer(u(open(g(s,w),'rb').read()),'u1',offset=o)",
].join(';');

const splitFiles = [
  readFiles,
  "x,y=r('train','images',16).reshape(-1,28,28),r('train','labels',8)",
  split,
  save,
].join(';');

function changeArrays(value: string): string {
  return `import sys,numpy as n;n.savez(sys.argv[2],**{k:${value} for k,v in n.load(sys.argv[1]).items()})`;
}

function changeFiles(side: string, crop: string, shift: string): string {
  const images = (words: string) => `r('${words}','images',16).reshape(-1,${side},${side})${crop}`;
  const labels = (words: string) => `r('${words}','labels',8)${shift}`;
  const test = 't10k test';
  return `${readFiles};n.savez(sys.argv[2],x_train=${images('train')},y_train=${labels('train')},x_test=${images(test)},y_test=${labels(test)})`;
}
