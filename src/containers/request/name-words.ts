/** First halves of made-up names. */
export const ADJECTIVES: readonly string[] =
  `able agile amber ample apt arctic ardent avid balmy blithe bold brave breezy bright brisk calm candid careful cheerful
chipper civil clean clear clever cosy crisp curious dapper daring deft eager earnest easy elegant epic fair faithful
famous fearless festive fine fleet fluent fond frank free fresh friendly frosty gallant gentle genuine gifted glad
golden graceful grand handy happy hardy hearty honest hopeful humble jolly jovial keen kind lively loyal lucid lucky
mellow merry mild modest neat nimble noble patient placid plucky polite proud quick quiet radiant ready robust serene
sharp silver sincere smart snug solar spry steady stoic sunny swift tidy tranquil trusty upbeat vivid warm wise witty
zesty`.split(/\s+/)

/** Second halves: surnames of people who found something out or built something. */
export const SURNAMES: readonly string[] =
  `abel agnesi alhazen allen ampere anning apgar archimedes arkwright avogadro babbage backus banneker bardeen bartik
bassi bell bernoulli berners bessemer blackburn blackwell bohr boole born bose boyle braille brahe brown brunel
burnell cannon cantor carson carver cauchy cavendish celsius chadwick chandra chebyshev clarke coriolis coulomb cray
crick curie daguerre dalton darwin davy descartes diesel dijkstra dirac doppler driscoll durand easley eckert edison
ehrlich einstein elion ellis engelbart eratosthenes euclid euler faraday fermat fermi feynman fibonacci fleming
fourier franklin fraunhofer fresnel fuller galileo galois galvani gauss germain gibbs goddard goldberg goodall
gutenberg hadamard haldane halley hamilton harrison hawking heaviside heisenberg helmholtz henry hermite herschel hertz
hilbert hodgkin hooke hopper hubble huygens hypatia jacobi jacquard jemison jenner johnson joliot joule kalman kepler
khayyam khorana kilby kirchhoff knuth koch kovalevskaya lagrange lamarr lamport landau laplace lavoisier leavitt
leibniz lenz linnaeus liskov lovelace lumiere lyell mach marconi margulis maxwell mayer mcclintock meitner mendel
mendeleev mercator minsky mirzakhani mitchell moore morse napier nash naur neumann newcomen newton nightingale nobel
noether noyce oersted ohm otto ostrom pascal pasteur pauli payne perlman planck poincare poisson priestley ptolemy
pythagoras raman ramanujan rankine riemann ritchie roentgen rubin rutherford sagan salk shannon somerville stokes
swan tesla thales thompson torvalds turing volta watt wiles wilson wirth wozniak wright yalow yonath zuse`.split(/\s+/)
