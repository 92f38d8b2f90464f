# Installs the build into a folder of its own, then configures, builds and tests a project there
# that knows nothing but find_package(wattention), the code that README shows, and the examples.

function(run)
  execute_process(COMMAND ${ARGN} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

file(REMOVE_RECURSE ${FOLDER})
run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${FOLDER}/installed)
run(${CMAKE_COMMAND} -S ${SOURCE} -B ${FOLDER}/build -G ${GENERATOR} -DCMAKE_PREFIX_PATH=${FOLDER}/installed
    -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_BUILD_TYPE=Release -DROOT=${SOURCE}/../..)
run(${CMAKE_COMMAND} --build ${FOLDER}/build)
run(${CMAKE_CTEST_COMMAND} --test-dir ${FOLDER}/build --output-on-failure)
run(${FOLDER}/installed/bin/wattention table show horowitz-45nm OUTPUT_QUIET)

# What stays inside.
foreach(inside sim/kernels/fast/vectors.hpp reports/plots/plot.hpp)
  if(EXISTS ${FOLDER}/installed/include/wattention/internal/${inside})
    message(FATAL_ERROR "${inside}: expected it to stay inside, found it installed")
  endif()
endforeach()
