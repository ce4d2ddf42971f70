"""Model backends behind one protocol (``base``): Ollama, OpenAI-compatible, embedded llama.cpp, scripted."""
