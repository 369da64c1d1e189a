"""The language of searches: from a text to a tree that says which photos are meant.

Knows neither a library nor a window: who is called how is told to it (`naming`), and which photos
fit is for the store.

    anna ben              photos with both            anna or ben      with one of them at least
    anna -ben             without Ben                 only: anna ben   with these and nobody else
    (anna or ben) italy   brackets                    "Anna Maria"     words that belong together
    year:2019  2019-07  1920s  2018..2021  before:1950  after:2019-07      when
    faces:>4  faces:2..4  quality:<0.3  unnamed                            which faces
    folder:italy  file:img_12                                              where

Besides these words, which are understood in every language, there are those of the language that is
spoken: see `words`. `or` binds weaker than words side by side. A word is the name of a person, or
the beginning of one of its words; else a part of the name of a file or folder. A parser generator
would save no line of this: the tokens depend on what stands before them, and the sentences about
what is wrong, which are half of it, would still have to be written.
"""
