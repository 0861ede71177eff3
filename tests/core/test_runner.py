def test_probe(runner, question):
    b = runner.run(question("toy.behave"))
    assert b.figures
