"""Trains a few small networks for a few steps, and writes each as the converter of tensorflowjs does, with what it predicts."""
import json, os, subprocess, sys
os.environ['TF_CPP_MIN_LOG_LEVEL'] = '3'
import numpy as np

kind = sys.argv[1]
if kind == 'keras2':
    import tf_keras as keras
else:
    import keras
L = keras.layers
keras.utils.set_random_seed(7)

def sequential():
    first = L.InputLayer(input_shape=(28, 28, 1)) if kind == 'keras2' else L.Input((28, 28, 1))
    return keras.Sequential([first, L.Conv2D(2, 5, strides=2, activation='relu'), L.MaxPooling2D(), L.Dropout(.25),
                             L.Flatten(), L.Dense(8, activation='relu'), L.Dense(10, activation='softmax')])

def functional():
    x = first = L.Input((28, 28, 1))
    x = L.Conv2D(2, 3, padding='same', strides=2, use_bias=False)(x)
    x = L.BatchNormalization()(x)
    x = L.ReLU()(x)
    x = L.AveragePooling2D(2, padding='same')(x)
    x = L.MaxPooling2D(2, padding='valid')(x)
    x = L.Flatten()(x)
    x = L.Dense(10)(x)
    return keras.Model(first, L.Activation('softmax')(x) if kind == 'keras2' else L.Softmax()(x))

def flat():
    return keras.Sequential([L.Flatten(input_shape=(28, 28)), L.Dense(2, activation='tanh'), L.Dense(10, activation='softmax')])

def bytes_in():
    x = first = L.Input((28, 28))
    x = L.Reshape((28, 28, 1))(x)
    x = L.Rescaling(1 / 127.5, offset=-1)(x)
    x = L.Conv2D(2, 5, strides=3, activation='relu')(x)
    x = L.Conv2D(2, 3, activation='relu')(x)
    x = L.Flatten()(x)
    x = L.Dense(12, activation='sigmoid')(x)
    x = L.Dense(10, activation='softmax')(x)
    return keras.Model(first, x)

n, r, c = np.mgrid[0:4, 0:28, 0:28]
pixels = ((r * 7 + c * 13 + n * 31) % 256).astype('f4')
models = {'sequential': sequential, 'functional': functional}
models |= {'flat': flat} if kind == 'keras2' else {'file': bytes_in}
for name, build in models.items():
    model = build()
    x = pixels if name == 'file' else pixels / np.float32(255)
    x = x.reshape((4,) + tuple(model.input_shape[1:]))
    model.compile('adam', 'sparse_categorical_crossentropy')
    model.fit(x, np.arange(4), epochs=20, verbose=0)
    ending, options = ('keras', ['--input_format=keras_keras', '--output_format=tfjs_layers_model']) if name == 'file' else ('h5', ['--input_format=keras'])
    file, out = f'{kind}-{name}.{ending}', f'out/{kind}-{name}'
    model.save(file)
    subprocess.run(['rm', '-rf', out])
    subprocess.run([sys.executable, 'convert.py', *options, file, out], check=True)
    expected = [[round(float(value), 6) for value in row] for row in model.predict(x, verbose=0)]
    json.dump(expected, open(f'{out}/expected.json', 'w'))
