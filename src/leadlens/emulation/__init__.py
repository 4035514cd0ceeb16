"""The sandbox kit: what the emulation of any vendor is built on.

It knows no vendor. Records (:mod:`store`), time (:mod:`clock`), what was really committed (:mod:`truth`), what goes
wrong (:mod:`faults`), limits, routes, and the engine that carries out one call at a time for a :mod:`vendor`.
"""
