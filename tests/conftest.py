import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
for folder in (os.path.join(HERE, "support"), os.path.join(os.path.dirname(HERE), "tools", "stack")):
    if folder not in sys.path:
        sys.path.insert(0, folder)
