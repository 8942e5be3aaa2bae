"""Runs tensorflowjs_converter without the packages that only other kinds of models need."""
import runpy, sys, types
import numpy, keras, tf_keras
numpy.object = object
for name in ['tensorflow_decision_forests', 'tensorflow_hub', 'jax', 'jax.experimental', 'jax.experimental.jax2tf']:
    sys.modules[name] = types.ModuleType(name)
sys.modules['jax.experimental'].jax2tf = sys.modules['jax.experimental.jax2tf']
runpy.run_module('tensorflowjs.converters.converter', run_name='__main__', alter_sys=False)
